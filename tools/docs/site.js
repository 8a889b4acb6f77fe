// Of each page of the site: the keys of the search, the slider of the landing and its command.

const search = document.querySelector('pagefind-modal');
const isField = (element) => element.matches?.('input, textarea, select, [contenteditable]');

// Before typedoc's own search hears of the keys.
addEventListener(
  'keydown',
  (event) => {
    const asked = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k';
    if (!asked && (event.key !== '/' || event.ctrlKey || isField(event.target))) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    search.open();
  },
  true,
);

for (const compare of document.querySelectorAll('.compare')) {
  const slider = compare.querySelector('input');
  const show = () => {
    compare.classList.add('compare-held');
    compare.style.setProperty('--split', `${slider.value}%`);
  };
  slider.addEventListener('input', show);
  slider.addEventListener('pointerdown', show);
}

for (const button of document.querySelectorAll('.landing pre button'))
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(button.previousElementSibling.textContent);
    button.textContent = 'Copied';
  });
