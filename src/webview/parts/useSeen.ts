import { useEffect, useRef, useState } from 'preact/hooks';

const watched = new WeakMap<Element, () => void>();
let observer: IntersectionObserver | null = null;

/** One observer for all, since a table has many rows. */
function sharedObserver(): IntersectionObserver {
  observer ??= new IntersectionObserver((entries) => {
    for (const { target, isIntersecting } of entries) if (isIntersecting) watched.get(target)?.();
  });
  return observer;
}

/** Whether the element has ever been in view. */
export function useSeen(): {
  readonly ref: { current: HTMLDivElement | null };
  readonly seen: boolean;
} {
  const ref = useRef<HTMLDivElement>(null);
  const [seen, setSeen] = useState(false);
  useEffect(() => {
    const element = ref.current;
    if (element === null || seen) return undefined;
    watched.set(element, () => setSeen(true));
    sharedObserver().observe(element);
    return () => sharedObserver().unobserve(element);
  }, [seen]);
  return { ref, seen };
}
