import { plainName } from '../../model/format';
import type { Measures } from '../../model/measures';
import { useWords } from '../words';

export function slotClass(slot: number | null): string {
  return slot === null ? 'slotOther' : `slot${slot}`;
}

export function Swatch({ slot }: { readonly slot: number | null }) {
  return <span class={`swatch ${slotClass(slot)}`} />;
}

interface NameProps {
  readonly name: string;
  readonly full?: string;
}

/** A name from data: one line, its own text direction, cut off where there is no room. */
export function Name({ name, full = name }: NameProps) {
  return (
    <bdi class="nameText" title={plainName(full, 400)}>
      {plainName(name, 160)}
    </bdi>
  );
}

type Costed = Pick<Measures, 'messages' | 'unpricedMessages' | 'costNanoDollars'>;

/** A sum's cost, with what is not known about it. */
export function Cost({ total }: { readonly total: Costed }) {
  const { strings, show } = useWords();
  if (nothingPriced(total)) return <span title={strings.noPrice}>–</span>;
  return (
    <>
      {show.cost(total.costNanoDollars)}
      {total.unpricedMessages > 0 && (
        <span class="unsure" title={show.words(strings.partlyPriced, total.unpricedMessages)}>
          {' +?'}
        </span>
      )}
    </>
  );
}

export function nothingPriced({ messages, unpricedMessages }: Costed): boolean {
  return unpricedMessages > 0 && unpricedMessages === messages;
}
