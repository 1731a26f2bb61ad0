// A session twice: as its stream tells it, read apart from the page's own parser, and as the page shows it.

/** What a stream holds from its first event up to one of which `isLast` is true, as `{type, id, data}`. */
export async function replayed(url, session, isLast) {
  const abort = new AbortController();
  const answer = await fetch(`${url}/stream/${session}?replay=all`, { signal: abort.signal });
  const events = [];
  let text = "";
  for await (const piece of answer.body.pipeThrough(new TextDecoderStream())) {
    text += piece;
    const whole = text.lastIndexOf("\n\n");
    if (whole < 0) continue;
    for (const frame of text.slice(0, whole).split("\n\n")) {
      const field = (name) => new RegExp(`^${name}: (.*)$`, "m").exec(frame)?.[1];
      if (field("data") === undefined) continue;
      events.push({ type: field("event"), id: field("id"), data: JSON.parse(field("data")) });
    }
    text = text.slice(whole + 2);
    if (events.some(isLast)) break;
  }
  abort.abort();
  return events;
}

/** What the events of one run come to. */
export function told(events) {
  const of = (type) => events.filter((event) => event.type === type).map(({ data }) => data);
  const texts = (type) => of(type).map(({ content }) => content).join("");
  const ends = of("tool_end");
  const charts = [];
  for (const { type } of events) {
    if (type === "sql_result") charts.push(0);
    if (type === "chart_config") charts[charts.length - 1] = 1;
  }
  return {
    thinking: texts("thinking").trim(),
    steps: of("tool_start").map(({ tool, input }, number) => ({
      tool,
      input: input.query ?? input,
      output: JSON.parse(ends[number].output),
    })),
    results: of("sql_result").map(({ sql, columns, data }, number) => ({
      sql,
      columns,
      rows: data.map((row) => columns.map((column) => String(row[column]))),
      chart: charts[number],
    })),
    answer: texts("token").trim(),
    suggestions: of("done").flatMap(({ result }) => result.suggested_questions.map(({ question }) => question)),
  };
}

/** What the page shows of its newest run, with its folds open; `names` are what the page calls each tool. */
export async function shown(page, names) {
  const run = await page.getByRole("article").last().evaluate((article) => {
    const all = (selector, within = article) => [...within.querySelectorAll(selector)];
    const text = (element) => element?.textContent ?? "";
    return {
      thinking: text(article.querySelector(".thinking")),
      steps: all(".steps > li").map((step) => ({
        tool: text(step.querySelector(".step-name")),
        blocks: all("pre", step).map(text),
      })),
      results: all(".result").map((result) => ({
        sql: text(result.querySelector(".sql code")),
        columns: all("thead th button", result).map((head) => text(head.firstChild)),
        rows: all("tbody tr", result).map((row) => all("td", row).map(text)),
        chart: all("canvas", result).length,
      })),
      answer: text(article.querySelector(".answer-text")).trim(),
      suggestions: all(".suggestions li").map(text),
    };
  });
  run.steps = run.steps.map(({ tool, blocks }) => ({
    tool: names[tool],
    input: blocks.length === 1 ? {} : tool === "Run a query" ? blocks[0] : JSON.parse(blocks[0]),
    output: JSON.parse(blocks.at(-1)),
  }));
  return run;
}
