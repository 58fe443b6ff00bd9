/** A sentence for a person, with what a translation needs to say it in another language. */
export interface Message {
  readonly id: string;
  readonly args: Readonly<Record<string, string | number>>;
  readonly text: string;
}

/**
 * Makes a message from a template whose `{name}` places are taken from `args`.
 * @throws Error when the template names an argument that is not given.
 */
export function message(id: string, template: string, args: Readonly<Record<string, string | number>> = {}): Message {
  const text = template.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = args[name];
    if (value === undefined) throw new Error(`message ${id} lacks its argument ${name}`);
    return String(value);
  });
  return { id, args, text };
}
