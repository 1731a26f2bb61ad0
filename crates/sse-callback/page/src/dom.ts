// Building elements: text is always text, and nothing here parses HTML.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | null | undefined | ((event: Event) => void)>;

/** An element with attributes and children. Functions become listeners, `true` an empty attribute. */
export function h<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Attributes = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const element = document.createElement(tag);
  set(element, attributes);
  append(element, children);
  return element;
}

/** Sets attributes; null, undefined and false take them away. */
export function set(element: Element, attributes: Attributes): void {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") {
      element.addEventListener(name, value);
    } else if (value === null || value === undefined || value === false) {
      element.removeAttribute(name);
    } else {
      element.setAttribute(name, value === true ? "" : String(value));
    }
  }
}

function append(element: Element, children: Child[]): void {
  for (const child of children) {
    if (child !== null && child !== undefined && child !== false) element.append(child);
  }
}

/** Puts these children in the place of the ones that are there. */
export function replace(element: Element, ...children: Child[]): void {
  element.replaceChildren();
  append(element, children);
}

/** Sets the text where it is another, so that screen readers hear of real changes only. */
export function setText(element: Element, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** A list whose items are made once and changed in place: for each key one element, in this order. */
export class Keyed<T> {
  private readonly made = new Map<string, { element: Element; update: (item: T) => void }>();

  constructor(
    private readonly parent: Element,
    private readonly make: (item: T) => { element: Element; update: (item: T) => void },
  ) {}

  update(items: T[], key: (item: T, index: number) => string): void {
    const keys = new Set(items.map(key));
    for (const [name, { element }] of this.made) {
      if (!keys.has(name)) {
        element.remove();
        this.made.delete(name);
      }
    }
    let before: Element | null = null;
    for (const [index, item] of items.entries()) {
      const name = key(item, index);
      let made = this.made.get(name);
      if (!made) {
        made = this.make(item);
        this.made.set(name, made);
      }
      made.update(item);
      const place: Element | null = before ? before.nextElementSibling : this.parent.firstElementChild;
      if (place !== made.element) this.parent.insertBefore(made.element, place);
      before = made.element;
    }
  }
}
