/** Coordinates, read out of what agents copy from maps. */

const NUMBER = String.raw`(-?\d{1,3}(?:\.\d+)?)`;
const COMMA = String.raw`,[\s+]*`;
// A pin is meant more than the middle of the map.
const LINKS = [
  `!3d${NUMBER}!4d${NUMBER}`,
  `[?&]mlat=${NUMBER}&mlon=${NUMBER}`,
  `[?&](?:q|query|ll|daddr|destination|coordinate)=(?:loc:)?${NUMBER}${COMMA}${NUMBER}`,
  `/(?:place|search)/${NUMBER}${COMMA}${NUMBER}`,
  `^geo:${NUMBER},${NUMBER}`,
  `@${NUMBER},${NUMBER}`,
  `#map=[\\d.]+/${NUMBER}/${NUMBER}`,
].map((pattern) => new RegExp(pattern));
// Some write a comma in their numbers.
const PAIR = /^(-?\d{1,3}(?:[.,]\d+)?)°?(?:\s*[,;]\s*|\s+)(-?\d{1,3}(?:[.,]\d+)?)°?$/;

/**
 * @param {string} typed
 * @returns {{latitude: string, longitude: string} | null}
 */
export function coordinatesIn(typed) {
  const text = typed.trim().replaceAll(/%2c/gi, ",").replaceAll("%20", " ");
  const found = PAIR.exec(text) ?? LINKS.map((link) => link.exec(text)).find(Boolean);
  if (!found) return null;
  const [latitude, longitude] = found.slice(1).map((number) => number.replace(",", "."));
  return { latitude, longitude };
}
