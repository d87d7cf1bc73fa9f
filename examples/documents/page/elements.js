// Finds and makes elements. Everything from outside becomes text, never markup.

export const byId = id => document.getElementById(id);

/** Makes an element with these properties or attributes, and these children. */
export function make(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (name in element) element[name] = value;
    else element.setAttribute(name, value);
  }
  element.append(...children);
  return element;
}

/** Sets the value of an input, unless it has that value: setting it would move the caret. */
export function setValue(input, value) {
  if (input.value !== value) input.value = value;
}

const ago = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });

/** Makes an element that tells how long ago a time was; its tooltip has the date. */
export function timeSince(when) {
  const time = new Date(when);
  if (Number.isNaN(time.getTime())) return make('span', {}, String(when));
  const seconds = (time - Date.now()) / 1000;
  const [unit, length] = [['day', 86400], ['hour', 3600], ['minute', 60]].find(([, length]) => -seconds >= length) ?? ['second', 1];
  const words = -seconds < 5 ? 'just now' : ago.format(Math.round(seconds / length), unit);
  return make('time', { dateTime: time.toISOString(), title: time.toLocaleString() }, words);
}

/** How long a dialog ignores the pointer after it opened, in milliseconds: longer than systems let a double click take. */
const DOUBLE_CLICK = 700;

/** Shows a modal dialog until the user closes it. Returns the value of the button that closed it, or ''. */
export function choose(dialog) {
  if (dialog.open) return Promise.resolve('');
  dialog.returnValue = '';
  dialog.classList.add('opening');
  dialog.showModal();
  dialog.scrollTop = 0;
  const opened = setTimeout(() => dialog.classList.remove('opening'), DOUBLE_CLICK);
  return new Promise(done => dialog.addEventListener('close', () => {
    clearTimeout(opened);
    done(dialog.returnValue);
  }, { once: true }));
}
