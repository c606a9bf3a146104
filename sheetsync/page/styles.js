// Looks of cells as CSS classes, made once each. Declarations come from the server and are set as rules, never as markup.

const sheet = new CSSStyleSheet();
document.adoptedStyleSheets = [sheet];
const names = new Map();

/** The class of a style as the server tells it. */
export function classOf(style) {
  const key = `${style.css}|${style.edges ?? ""}`;
  let name = names.get(key);
  if (!name) {
    name = `s${names.size}`;
    names.set(key, name);
    sheet.insertRule(`.${name}{${style.css}}`);
    if (style.edges) sheet.insertRule(`.${name}::before{${style.edges}}`);
  }
  return name;
}

/** An SVG drawing as a picture: whatever is in it, it runs nothing and loads nothing. */
export const picture = (svg) => `data:image/svg+xml,${encodeURIComponent(svg)}`;
