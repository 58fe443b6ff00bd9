import { visibleText } from '../../src/engine/report/visibleText';

type Child = Node | string | number | null | undefined | false;

export interface ElementOptions {
  readonly class?: string;
  readonly id?: string;
  readonly role?: string;
  readonly title?: string;
  /** Further attributes; false and undefined leave one out. */
  readonly attributes?: Readonly<Record<string, string | number | boolean | undefined>>;
  /** Names what has the focus, so that it has it again after its part of the page is made anew. */
  readonly key?: string;
  readonly onClick?: () => void;
}

/**
 * Makes an element. Strings become text nodes and nothing else, with characters that a reader would not see written out:
 * they may come from a model file.
 */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  options: ElementOptions = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  if (options.class) made.className = options.class;
  if (options.id) made.id = options.id;
  if (options.role) made.setAttribute('role', options.role);
  if (options.title) made.title = visibleText(options.title);
  if (options.key) made.dataset.key = options.key;
  for (const [name, value] of Object.entries(options.attributes ?? {})) {
    if (value !== undefined && value !== false) {
      made.setAttribute(name, value === true ? '' : visibleText(String(value)));
    }
  }
  if (options.onClick) made.addEventListener('click', options.onClick);
  append(made, children);
  return made;
}

function append(parent: Node, children: readonly Child[]): void {
  for (const child of children) {
    if (child === null || child === undefined || child === false) continue;
    parent.appendChild(child instanceof Node ? child : document.createTextNode(visibleText(String(child))));
  }
}

/** Replaces what a part of the page holds; what had the focus by its key has it again. */
export function fill(parent: HTMLElement, ...children: readonly Child[]): void {
  const focused = parent.contains(document.activeElement)
    ? (document.activeElement as HTMLElement).dataset.key
    : undefined;
  parent.replaceChildren();
  append(parent, children);
  if (focused === undefined) return;
  for (const candidate of parent.querySelectorAll<HTMLElement>('[data-key]')) {
    if (candidate.dataset.key === focused) {
      candidate.focus({ preventScroll: true });
      return;
    }
  }
}
