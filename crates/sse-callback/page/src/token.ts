// The token that this tab presents: given in the address behind #, or pasted.

const STORED = "kai-token";

/** Takes a token out of the address, so that it does not stay in the history. */
export function takeFromAddress(): void {
  const given = new URLSearchParams(location.hash.slice(1)).get("token");
  if (given === null || given === "") return;
  keep(given);
  history.replaceState(history.state, "", location.pathname + location.search);
}

export function token(): string | null {
  return sessionStorage.getItem(STORED);
}

/** Keeps it until the tab is closed. */
export function keep(token: string): void {
  sessionStorage.setItem(STORED, token);
}
