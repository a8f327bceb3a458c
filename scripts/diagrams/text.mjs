// Reads the text of a diagram. Each line is `word arguments: text`; `|` separates lines of the
// text; indented lines continue the text of the line before; `#` begins a comment.

/** @returns {{ word: string, args: string[], lines: string[], number: number }[]} */
export function readStatements(text) {
  const statements = [];
  text.split('\n').forEach((line, index) => {
    if (line.trim() === '' || line.startsWith('#')) return;
    if (/^\s/.test(line)) {
      const last = statements.at(-1);
      if (last === undefined) throw new Error(`line ${index + 1}: nothing to continue`);
      last.lines.push(line.trim());
      return;
    }
    const [head, ...rest] = line.split(': ');
    const [word, ...args] = head.replace(/:$/, '').split(/\s+/);
    const lines = rest
      .join(': ')
      .split('|')
      .map((one) => one.trim());
    statements.push({ word, args, lines: lines.filter(Boolean), number: index + 1 });
  });
  return statements;
}

/** @throws when the statement's word is not among the handlers */
export function dispatch(statements, handlers) {
  for (const statement of statements) {
    const handler = handlers[statement.word];
    if (handler === undefined) {
      const known = Object.keys(handlers).join(', ');
      throw new Error(`line ${statement.number}: unknown "${statement.word}"; known: ${known}`);
    }
    handler(statement);
  }
}
