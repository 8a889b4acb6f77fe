/** Something that was done, and how it is undone. */
export interface Action {
  undo(): void;
  redo(): void;
}

/** What was done to a photo, in order. */
export interface History {
  /** Adds what was just done; what was undone before is forgotten. */
  add(action: Action): void;
  undo(): void;
  redo(): void;
  clear(): void;
  readonly canUndo: boolean;
  readonly canRedo: boolean;
}

/** Actions that are kept: each holds the pixels that it changed. */
const most = 50;

/** Makes an empty history; `onChange` is called after each change of it. */
export function history(onChange: () => void): History {
  const done: Action[] = [];
  const undone: Action[] = [];
  return {
    add(action) {
      done.push(action);
      if (done.length > most) done.shift();
      undone.length = 0;
      onChange();
    },
    undo() {
      const action = done.pop();
      if (!action) return;
      undone.push(action);
      action.undo();
      onChange();
    },
    redo() {
      const action = undone.pop();
      if (!action) return;
      done.push(action);
      action.redo();
      onChange();
    },
    clear() {
      done.length = undone.length = 0;
      onChange();
    },
    get canUndo() {
      return done.length > 0;
    },
    get canRedo() {
      return undone.length > 0;
    },
  };
}
