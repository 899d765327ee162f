"use strict";

// Tables: a click on a heading sorts by it, absent values last; published rows on request.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    head.querySelector("button").addEventListener("click", () => {
      // Numbers start with the largest, names with A.
      const first = column === 0 ? "ascending" : "descending";
      const second = column === 0 ? "descending" : "ascending";
      const order = head.getAttribute("aria-sort") === first ? second : first;
      heads.forEach((other) => other.setAttribute("aria-sort", "none"));
      head.setAttribute("aria-sort", order);
      const rows = [...table.tBodies[0].rows];
      const sign = order === "ascending" ? 1 : -1;
      rows.sort((a, b) => isPublished(a) - isPublished(b)
        || compare(a.cells[column], b.cells[column], sign));
      table.tBodies[0].append(...rows);
    });
  });
}

// Published numbers stay below the measured ones, however a table is sorted.
function isPublished(row) {
  return row.classList.contains("published");
}

function compare(a, b, sign) {
  if (a.dataset.value === undefined) {
    return sign * a.textContent.localeCompare(b.textContent);
  }
  if (a.dataset.value === "" || b.dataset.value === "") {
    return (a.dataset.value === "") - (b.dataset.value === "");
  }
  return sign * (Number(a.dataset.value) - Number(b.dataset.value));
}

for (const box of document.querySelectorAll("input[data-published]")) {
  box.addEventListener("change", () => {
    const id = CSS.escape(box.dataset.published);
    const shown = document.querySelectorAll(`#${id} tr.published, [data-published-of="${id}"]`);
    shown.forEach((part) => { part.hidden = !box.checked; });
  });
}
