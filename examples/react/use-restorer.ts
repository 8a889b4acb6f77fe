import { useEffect, useState } from 'react';
import { createRestorer, type Restorer } from 'spgd/browser';

/** A restorer for as long as a component is shown; undefined until it can compute. */
export function useRestorer(model: string): Restorer | undefined {
  const [restorer, setRestorer] = useState<Restorer>();
  // An effect runs in the browser alone, so a page that a server renders may use it.
  useEffect(() => {
    const own = createRestorer({ model });
    own.ready.then(
      () => setRestorer(own),
      (error) => console.error(error),
    );
    return () => own.dispose();
  }, [model]);
  return restorer;
}
