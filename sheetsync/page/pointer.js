// Mouse and finger on the grid: select, extend, edit; a tap selects, a second one on the same cell edits.

const NEAR = 24;

export function listen(page) {
  const { pane } = page.grid;
  let dragged = null;
  let kind = "mouse";
  let before = "";

  pane.addEventListener("pointerdown", (event) => {
    kind = event.pointerType;
    before = `${page.selection.row},${page.selection.column}`;
    const at = kind === "mouse" && event.button === 0 && page.grid.under(event);
    if (!at) return;
    select(page, at, event.shiftKey);
    dragged = at;
  });
  pane.addEventListener("pointermove", (event) => {
    if (!dragged || !(event.buttons & 1)) return;
    scroll(pane, event);
    const at = page.grid.under({ target: document.elementFromPoint(event.clientX, event.clientY) ?? pane });
    if (at) select(page, { ...limits(page, at), ...at }, true, dragged);
  });
  addEventListener("pointerup", () => (dragged = null));

  pane.addEventListener("click", (event) => {
    const at = page.grid.under(event);
    if (!at) return corner(page, event);
    const link = event.target.closest("a");
    if (kind !== "mouse") tap(page, at, before, link);
    if (link && link.hash && link.getAttribute("href").startsWith("#")) {
      event.preventDefault();
      page.visit(link.getAttribute("href"));
    } else if (event.target.closest(".check")) page.toggle();
    else if (event.target.closest(".arrow")) page.editor.begin(null, "edit");
  });
  pane.addEventListener("dblclick", (event) => {
    const at = page.grid.under(event);
    if (kind === "mouse" && at?.row !== undefined && at.column !== undefined && !event.target.closest("a, .check")) {
      page.editor.begin(null, "edit");
    }
  });
}

/** Dragging to an edge goes on beyond it. */
function scroll(pane, event) {
  const { top, bottom, left, right } = pane.getBoundingClientRect();
  const over = (place, low, high) => (place > high - NEAR ? 1 : place < low + NEAR ? -1 : 0);
  pane.scrollBy(over(event.clientX, left + 40, right) * NEAR, over(event.clientY, top + 24, bottom) * NEAR);
}

function corner(page, event) {
  if (event.target.closest(".corner")) page.all();
}

/** The cells that a heading stands for. */
function limits(page, at) {
  const { head } = page.selection;
  return { row: at.row ?? head.row, column: at.column ?? head.column };
}

function select(page, at, extended, from = at) {
  const { selection } = page;
  if (from.column === undefined) page.rows(extended ? selection.row : at.row, at.row ?? selection.head.row);
  else if (from.row === undefined) page.columns(extended ? selection.column : at.column, at.column ?? selection.head.column);
  else if (extended) selection.extend(at.row, at.column);
  else selection.to(at.row, at.column);
  if (!page.editor.open) page.editor.rest();
}

function tap(page, at, before, link) {
  const again = before === `${at.row},${at.column}`;
  if (again && !link) page.editor.begin(null, "edit");
  else select(page, at, false);
}
