// Markdown and SQL as elements. What the model or the database wrote never becomes HTML of its own.

import DOMPurify from "dompurify";
import hljs from "highlight.js/lib/core";
import sql from "highlight.js/lib/languages/sql";
import { Marked, type Token } from "marked";

hljs.registerLanguage("sql", sql);

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (sign) => escapes[sign] ?? sign);
}

const marked = new Marked({
  gfm: true,
  breaks: true,
  renderer: {
    // The page's own headings go down to the third level.
    heading({ tokens, depth }) {
      const level = Math.min(depth + 3, 6);
      return `<h${level}>${this.parser.parseInline(tokens)}</h${level}>`;
    },
    // HTML in an answer is a text about HTML.
    html: ({ text, raw }) => escaped(raw || text),
    // A picture would be fetched, and tell its server what is being read here.
    image: ({ raw }) => escaped(raw),
    code({ text, lang }) {
      const isSql = /^(sql|postgres(ql)?|mysql|sqlite)$/i.test(lang ?? "");
      return `<pre><code>${isSql ? highlighted(text) : escaped(text)}</code></pre>`;
    },
  },
});

const TAGS = [
  ..."a blockquote br code del em h1 h2 h3 h4 h5 h6 hr li ol p pre span strong".split(" "),
  ..."table tbody td th thead tr ul".split(" "),
];

DOMPurify.addHook("afterSanitizeAttributes", (node) => {
  if (node.tagName === "A") {
    node.setAttribute("target", "_blank");
    node.setAttribute("rel", "noopener noreferrer nofollow");
  }
});

function fragment(html: string): DocumentFragment {
  return DOMPurify.sanitize(html, {
    ALLOWED_TAGS: TAGS,
    ALLOWED_ATTR: ["href", "class", "start", "align"],
    ALLOWED_URI_REGEXP: /^(?:https?:|mailto:)/i,
    ALLOW_DATA_ATTR: false,
    ALLOW_ARIA_ATTR: false,
    RETURN_DOM_FRAGMENT: true,
  });
}

function highlighted(code: string): string {
  return hljs.highlight(code, { language: "sql", ignoreIllegals: true }).value;
}

/** A query with its words coloured. */
export function sqlFragment(code: string): DocumentFragment {
  return fragment(highlighted(code));
}

/** Markdown that grows: blocks that stayed the same keep their elements, as a selection in them does. */
export class GrowingMarkdown {
  private blocks: { raw: string; nodes: ChildNode[] }[] = [];

  constructor(private readonly parent: Element) {}

  update(markdown: string): void {
    const tokens = marked.lexer(markdown);
    const wanted = tokens.filter((token) => token.type !== "space" && token.type !== "def");
    let same = 0;
    while (same < wanted.length && this.blocks[same]?.raw === wanted[same]?.raw) same += 1;
    for (const block of this.blocks.splice(same)) for (const node of block.nodes) node.remove();
    for (const token of wanted.slice(same)) {
      const list = [token] as Token[] & { links: typeof tokens.links };
      list.links = tokens.links;
      const nodes = [...fragment(marked.parser(list)).childNodes];
      // A wide table scrolls by itself, and can be reached by keyboard to do so.
      const placed = nodes.map((node) => (node instanceof HTMLTableElement ? scrolled(node) : node));
      this.parent.append(...placed);
      this.blocks.push({ raw: token.raw, nodes: placed });
    }
  }
}

/** A number as people write it, with its unit or without; not a date. */
const FIGURE = /^(?:Rp\s?)?[-−+]?\d[\d.,\s]*%?$/;

/** Figures stand one below the other from the right, as in the table of the result. */
function aligned(table: HTMLTableElement): HTMLTableElement {
  const rows = [...table.tBodies].flatMap((body) => [...body.rows]);
  for (const [place, head] of [...(table.tHead?.rows[0]?.cells ?? [])].entries()) {
    const texts = rows.map((row) => row.cells[place]?.textContent?.trim() ?? "").filter((text) => text !== "" && text !== "NULL");
    if (texts.length === 0 || !texts.every((text) => FIGURE.test(text))) continue;
    for (const cell of [head, ...rows.map((row) => row.cells[place])]) cell?.classList.add("number");
  }
  return table;
}

function scrolled(table: HTMLTableElement): HTMLElement {
  const box = document.createElement("div");
  box.className = "scroll";
  box.tabIndex = 0;
  box.append(aligned(table));
  return box;
}
