/** Two pictures in one place, with a line between them that the range input moves. */
export interface CompareSlider {
  /** Shows both, the line in the middle. */
  show(): void;
  hide(): void;
}

/** Lets a range input decide how much of the upper picture is cut off, from the left. */
export function compareSlider(
  input: HTMLInputElement,
  patch: HTMLElement,
  tags: readonly HTMLElement[],
): CompareSlider {
  const update = () => {
    patch.style.setProperty('--split', `${input.value}%`);
    input.setAttribute('aria-valuetext', `${input.value} % before, ${100 - +input.value} % after`);
  };
  const set = (isShown: boolean) => {
    for (const part of [input, ...tags]) part.hidden = !isShown;
    input.value = isShown ? '50' : '0';
    update();
  };
  input.addEventListener('input', update);
  return { show: () => set(true), hide: () => set(false) };
}
