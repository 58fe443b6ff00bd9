/** A sentence in the reader's language: `{0}`, `{1}` … stand for the arguments. As `vscode.l10n.t` does it. */
export type Translate = (message: string, ...args: (string | number)[]) => string;

/** Puts arguments into a sentence, by name or by place; a place without one stays as it is. */
export function interpolate(
  message: string,
  args: Readonly<Record<string, string | number>> | readonly (string | number)[],
): string {
  const given = new Map<string, string | number>(Object.entries(args));
  return message.replace(/\{(\w+)\}/g, (whole, name: string) => String(given.get(name) ?? whole));
}

/** Says everything as it was written. */
export const english: Translate = (message, ...args) => interpolate(message, args);
