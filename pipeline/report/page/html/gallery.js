"use strict";

// Gallery: one test image, two layers, a divider between them.
const source = document.getElementById("gallery-data");
if (source) {
  startGallery(JSON.parse(source.textContent));
}

function startGallery({ layers, items }) {
  const byId = (id) => document.getElementById(id);
  const selects = { left: byId("left"), right: byId("right") };
  const titles = Object.fromEntries(layers.map((layer) => [layer.key, layer.title]));
  const isMap = (key) => key === "label" || key.startsWith("prediction-");
  const orders = {
    disagreement: (a, b) => b.disagreement - a.disagreement,
    name: (a, b) => a.name.localeCompare(b.name),
  };
  // Any other choice is a group of images, which comes first.
  const groupFirst = (group) => (a, b) =>
    (b.group === group) - (a.group === group) || b.disagreement - a.disagreement;
  let shown = items[0];
  let sorted = [...items];

  function fillSelects() {
    const groups = [...new Set(layers.map((layer) => layer.group))];
    for (const select of Object.values(selects)) {
      for (const name of groups) {
        const group = document.createElement("optgroup");
        group.label = name;
        const members = layers.filter((layer) => layer.group === name);
        group.append(...members.map((layer) => new Option(layer.title, layer.key)));
        select.append(group);
      }
      select.addEventListener("change", showLayers);
    }
    const fused = layers.find((layer) => layer.group === "Fused");
    selects.left.value = "vis";
    selects.right.value = fused ? fused.key : "ir";
  }

  function showLayers() {
    const overlay = byId("overlay").checked;
    for (const [side, select] of Object.entries(selects)) {
      const [under, layer, absent] = byId(`side-${side}`).children;
      const uri = shown.layers[select.value];
      const map = isMap(select.value);
      layer.hidden = !uri;
      absent.hidden = Boolean(uri);
      under.hidden = !(map && overlay);
      if (uri) {
        layer.src = uri;
        layer.alt = `${titles[select.value]} of ${shown.name}, ${side} of the divider`;
      }
      if (map && overlay) under.src = shown.layers.vis;
      layer.classList.toggle("map", map);
      layer.classList.toggle("over", map && overlay);
      document.querySelector(`.badge.${side}`).textContent = titles[select.value];
    }
    byId("overlay-label").hidden = !layers.some((layer) => isMap(layer.key));
    tellDivider();
  }

  function tellDivider() {
    const divider = byId("divider");
    byId("stage").style.setProperty("--cut", `${divider.value}%`);
    divider.setAttribute("aria-valuetext",
      `${divider.value} percent ${titles[selects.left.value]}, the rest ${titles[selects.right.value]}`);
  }

  function showScores() {
    const table = byId("image-scores");
    if (!table) return;
    const number = (value) => (value === null ? "–" : value.toFixed(1));
    table.tBodies[0].replaceChildren(...shown.scores.map((score) => {
      const row = document.createElement("tr");
      const head = document.createElement("th");
      head.scope = "row";
      head.textContent = score.input;
      row.append(head);
      for (const value of [score.miou, score.accuracy]) row.insertCell().textContent = number(value);
      return row;
    }));
  }

  function pick(item) {
    shown = item;
    for (const button of byId("images").querySelectorAll("button")) {
      const chosen = button.dataset.name === item.name;
      button.setAttribute("aria-pressed", chosen);
      button.tabIndex = chosen ? 0 : -1;
    }
    const place = sorted.indexOf(item) + 1;
    const group = item.group ? `, ${item.group}` : "";
    byId("shown").textContent = `${item.name}${group} (${place} of ${sorted.length})`;
    showLayers();
    showScores();
  }

  function thumbnail(item) {
    const entry = document.createElement("li");
    const button = document.createElement("button");
    button.type = "button";
    button.dataset.name = item.name;
    const image = document.createElement("img");
    image.src = item.thumbnail;
    image.alt = "";
    const text = document.createElement("span");
    const detail = document.createElement("small");
    detail.textContent = [item.group, item.measure].filter(Boolean).join(", ");
    text.append(item.name, detail);
    button.append(image, text);
    button.addEventListener("click", () => pick(item));
    entry.append(button);
    return entry;
  }

  function list() {
    const order = byId("order").value;
    sorted = [...items].sort(orders[order] ?? groupFirst(order));
    byId("images").replaceChildren(...sorted.map(thumbnail));
    pick(shown);
  }

  // One stop of the Tab key for the whole list; arrows move inside it.
  byId("images").addEventListener("keydown", (event) => {
    const buttons = [...byId("images").querySelectorAll("button")];
    const here = buttons.indexOf(document.activeElement);
    const places = {
      ArrowDown: here + 1, ArrowRight: here + 1, ArrowUp: here - 1, ArrowLeft: here - 1,
      Home: 0, End: buttons.length - 1,
    };
    const target = buttons[places[event.key]];
    if (!target) return;
    event.preventDefault();
    target.focus();
  });

  function step(by) {
    const place = (sorted.indexOf(shown) + by + sorted.length) % sorted.length;
    pick(sorted[place]);
    byId("images").children[place].scrollIntoView({ block: "nearest", inline: "nearest" });
  }

  function drag(event) {
    const box = byId("stage").getBoundingClientRect();
    byId("divider").value = (100 * (event.clientX - box.left)) / box.width;
    tellDivider();
  }

  byId("stage").addEventListener("pointerdown", (event) => {
    byId("stage").setPointerCapture(event.pointerId);
    drag(event);
  });
  byId("stage").addEventListener("pointermove", (event) => {
    if (byId("stage").hasPointerCapture(event.pointerId)) drag(event);
  });
  byId("stage").addEventListener("dragstart", (event) => event.preventDefault());
  byId("divider").addEventListener("input", tellDivider);
  byId("overlay").addEventListener("change", showLayers);
  byId("order").addEventListener("change", list);
  byId("previous").addEventListener("click", () => step(-1));
  byId("next").addEventListener("click", () => step(1));
  byId("swap").addEventListener("click", () => {
    [selects.left.value, selects.right.value] = [selects.right.value, selects.left.value];
    showLayers();
  });
  // The stage takes the shape of the picture shown.
  for (const image of document.querySelectorAll(".side .layer")) {
    image.addEventListener("load", () => {
      byId("stage").style.setProperty("--ratio", `${image.naturalWidth} / ${image.naturalHeight}`);
    });
  }

  fillSelects();
  list();
}
