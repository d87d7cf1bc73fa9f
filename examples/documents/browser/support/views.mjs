// A walk through all views of the page.

export const PLAN = { title: 'Plan', text: 'We meet at nine.\n\nLunch is at noon.' };

/** Opens every view of the page in turn, as a person with these options, and looks at each. */
export async function forEachView({ server, open, person }, options, look) {
  await server.create('plan', PLAN, 'Edsger');
  await server.create('a-document-with-a-very-long-name-that-has-no-space-in-it-anywhere', PLAN, 'Edsger');
  const by = await person(options);
  const ada = await open('#/', { by, name: 'Ada' });
  await ada.page.getByRole('link', { name: /^Plan/ }).first().waitFor({ state: 'attached' });
  await look(ada, 'the list');
  await ada.page.goto(`${server.url}/#/collision`);
  await ada.page.getByText('Nobody lost a word.').waitFor();
  await look(ada, 'the story');
  await ada.page.goto(`${server.url}/#/new`);
  await look(ada, 'an empty form');
  await ada.page.getByLabel('Id', { exact: true }).fill('plan');
  await ada.button('Create').click();
  await ada.page.getByText('exists already').waitFor();
  await look(ada, 'a new document');
  await ada.page.goto(`${server.url}/#/documents/plan`);
  await ada.isLoaded();
  await ada.page.getByText('Who changed it, and when').click();
  await ada.page.locator('#history tbody tr').first().waitFor();
  await ada.text.fill('We meet at eight.\n\nLunch is at noon, and then we walk.');
  await look(ada, 'the editor');
  await server.replace('plan', { title: 'Our plan', text: PLAN.text.replace('nine', 'ten') }, 'Grace');
  await ada.saveAndCollide();
  await look(ada, 'the collision');
  await ada.button(/^Merge/).click();
  await look(ada, 'the merge');
  await ada.page.keyboard.press('Escape');
  await ada.button('Delete…').click();
  await look(ada, 'the deletion');
  await ada.button('Cancel').click();
  await server.delete('plan');
  await ada.save();
  await ada.gone.waitFor();
  await look(ada, 'what is gone');
  await ada.page.keyboard.press('Escape');
  await ada.page.goto(`${server.url}/#/try`);
  await ada.page.getByText('Filled in').waitFor();
  await ada.button('Send').click();
  await ada.page.locator('#outcome pre').first().waitFor();
  await ada.button('Copy as curl').click();
  await ada.page.getByRole('group', { name: 'The command' }).waitFor();
  await look(ada, 'the request builder');
}
