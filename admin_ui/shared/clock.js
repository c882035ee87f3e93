// The server's clock, as far as its answers tell it: people's own clocks are often wrong, and "2 min
// ago" must not be.
let ahead = 0;

/** Take note of the `Date` field of an answer (whole seconds, so half a second is added). */
export function hear(dateField) {
  const at = Date.parse(dateField ?? "");
  if (!Number.isNaN(at)) ahead = at + 500 - Date.now();
}

export const now = () => Date.now() + ahead;
