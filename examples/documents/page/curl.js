// Writes a request as a command line of curl, for a POSIX shell.

const quoted = text => `'${text.replaceAll("'", "'\\''")}'`;

/** The command that sends this request {method, path, fields, body} to this origin. */
export function curlOf({ method, path, fields, body }, origin) {
  const hasType = fields.some(([name]) => name.toLowerCase() === 'content-type');
  // Without this, curl adds a content type of its own.
  const noType = body !== null && !hasType ? ['-H', quoted('Content-Type:')] : [];
  return ['curl', '-i', '--globoff', '--path-as-is',
    // With `-X HEAD`, curl would wait for a body.
    ...(method === 'HEAD' ? ['--head'] : ['-X', method]),
    quoted(origin + path),
    // A semicolon sends a header without a value; after a colon, curl would leave it out.
    ...fields.flatMap(([name, value]) => ['-H', quoted(value === '' ? `${name};` : `${name}: ${value}`)]),
    ...noType,
    ...(body === null ? [] : ['--data-raw', quoted(body)]),
  ].join(' ');
}
