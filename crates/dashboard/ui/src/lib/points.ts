/** Parts of long texts by code points, as the API counts, without turning the whole into a list of them. */

/** Characters that take two units of a JavaScript string. */
const PAIRS = /[\ud800-\udbff][\udc00-\udfff]/;

/** The index of the unit that the code point of this number begins at; the text's end for a number beyond it. */
function unitAt(text: string, point: number): number {
  let unit = 0;
  for (let seen = 0; seen < point && unit < text.length; seen += 1) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return unit;
}

/** How to cut a text by code points. Most texts have no pairs, and then a code point is a unit. */
export function pointsOf(text: string): { length: number; slice: (start: number, end: number) => string } {
  if (!PAIRS.test(text)) return { length: text.length, slice: (start, end) => text.slice(start, end) };
  let length = 0;
  for (let unit = 0; unit < text.length; length += 1) unit += (text.codePointAt(unit) ?? 0) > 0xffff ? 2 : 1;
  return {
    length,
    slice: (start, end) => {
      const from = unitAt(text, start);
      return text.slice(from, from + unitAt(text.slice(from), end - start));
    },
  };
}
