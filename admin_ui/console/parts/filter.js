// The one filter box: a name's beginning, an address, a part of one, or a network. What it is shows in
// what was typed, so nobody chooses first.

const OCTET = "(?:25[0-5]|2[0-4]\\d|1?\\d?\\d)";
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}(?:/(?:3[0-2]|[12]?\\d))?$`);
const PART = new RegExp(`^(${OCTET}(?:\\.${OCTET}){0,2})\\.$`);
const IPV6 = /^(?=[^:]*:[^:]*:)[0-9a-f:.]+(?:\/\d{1,3})?$/i;

/** `{ip}` or `{q}` of what was typed. `10.4.` is the network 10.4.0.0/16. */
export function readFilter(typed) {
  const text = typed.trim();
  if (IPV4.test(text) || IPV6.test(text)) return { ip: text, q: "" };
  const part = PART.exec(text);
  if (!part) return { ip: "", q: text };
  const octets = part[1].split(".");
  const network = [...octets, "0", "0", "0"].slice(0, 4).join(".");
  return { ip: `${network}/${octets.length * 8}`, q: "" };
}

export const isAddress = (typed) => readFilter(typed).ip !== "";

/** Those members of a query that choose sessions. */
export function sessionFilter(query) {
  const names = ["userId", "q", "ip", "kind"];
  return Object.fromEntries(names.filter((name) => query[name]).map((name) => [name, query[name]]));
}
