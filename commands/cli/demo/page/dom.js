// Elements, made from texts only: nothing that a person or a bot wrote ever becomes markup.

export const at = (id) => document.getElementById(id);

export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat().filter((child) => child != null && child !== false));
  return element;
}

// Puts children in place of the old ones, and leaves alone what has not changed: no flicker, no lost focus.
export function put(parent, children) {
  const old = new Map([...parent.children].map((child) => [child.dataset.key, child]));
  const wanted = children.map(({ key, mark, build }) => {
    const kept = old.get(key);
    if (kept && kept.dataset.mark === mark) return kept;
    const element = build();
    element.dataset.key = key;
    element.dataset.mark = mark;
    return element;
  });
  for (const child of [...parent.children]) if (!wanted.includes(child)) child.remove();
  wanted.forEach((child, place) => {
    if (parent.children[place] !== child) parent.insertBefore(child, parent.children[place] || null);
  });
}

// One choice out of a list by arrow keys, Enter and Escape.
export function listKeys(list, chosen) {
  const items = () => [...list.querySelectorAll('[role="option"]')];
  const selected = () => items().findIndex((item) => item.getAttribute("aria-selected") === "true");
  const select = (place) => {
    const all = items();
    all.forEach((item, index) => item.setAttribute("aria-selected", String(index === place)));
    all[place]?.scrollIntoView({ block: "nearest" });
  };
  return (event) => {
    const all = items();
    if (list.hidden || !all.length) return false;
    if (event.key === "ArrowDown") select((selected() + 1) % all.length);
    else if (event.key === "ArrowUp") select((selected() - 1 + all.length) % all.length);
    else if ((event.key === "Enter" || event.key === "Tab") && selected() >= 0) chosen(all[selected()]);
    else if (event.key === "Escape") list.hidden = true;
    else return false;
    event.preventDefault();
    return true;
  };
}
