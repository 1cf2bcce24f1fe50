// Sorting and filtering. The page is complete without it.
const said = document.getElementById('shown');
const numbers = new Intl.NumberFormat('en');

const key = (cell) => {
  const text = cell.dataset.key ?? cell.textContent.trim();
  return /^[\d,]+$/.test(text) ? Number(text.replaceAll(',', '')) : text;
};
const words = new Intl.Collator('en', { numeric: true });
const compare = (a, b) => (typeof a === 'number' && typeof b === 'number' ? a - b : words.compare(a, b));

for (const table of document.querySelectorAll('table.sortable')) {
  const body = table.tBodies[0];
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    if (head.dataset.sort === 'no') return;
    const button = document.createElement('button');
    button.type = 'button';
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener('click', () => {
      const now = head.getAttribute('aria-sort');
      // Large numbers and grave findings are what one looks for first.
      const down = now ? now === 'ascending' : head.classList.contains('number') || head.dataset.sort === 'down';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      const rows = [...body.rows].map((row) => [key(row.cells[column]), row]);
      // Stable: rows that are alike stay as they are.
      rows.sort(([a], [b]) => (down ? compare(b, a) : compare(a, b)));
      body.append(...rows.map(([, row]) => row));
    });
  });
}

const form = document.getElementById('filter');
if (form) {
  form.hidden = false;
  const rows = [...document.querySelector('table.findings').tBodies[0].rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const filter = () => {
    const severities = new Set([...form.elements.severity].filter((box) => box.checked).map((box) => box.value));
    const rule = form.elements.rule.value;
    const sought = form.elements.words.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      const [severity, id] = row.cells;
      const kind = 'baselined' in row.dataset ? 'baselined' : severity.textContent;
      const fits = severities.has(kind) && (!rule || rule === id.textContent) && sought.every((word) => texts[index].includes(word));
      row.hidden = !fits;
      shown += fits;
    });
    said.textContent = `${numbers.format(shown)} of ${numbers.format(rows.length)} shown`;
  };
  for (const link of document.querySelectorAll('a[data-rule]')) {
    link.addEventListener('click', () => {
      form.elements.rule.value = link.textContent;
      filter();
    });
  }
  form.addEventListener('input', filter);
  form.addEventListener('submit', (event) => event.preventDefault());
  filter();
}
