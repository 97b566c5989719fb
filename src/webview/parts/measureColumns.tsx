import { type Measures, totalTokens } from '../../model/measures';
import type { Words } from '../words';
import type { TableColumn } from './dataTable';
import { Cost } from './nameCell';

/** The columns that every table of usage has. */
export function measureColumns<Row extends { readonly total: Measures }>({
  strings,
  show,
}: Words): TableColumn<Row>[] {
  return [
    {
      id: 'messages',
      title: strings.messages,
      number: true,
      class: 'messages',
      value: ({ total }) => total.messages,
      cell: ({ total }) => show.count(total.messages),
    },
    {
      id: 'tokens',
      title: strings.tokens,
      number: true,
      class: 'tokens',
      value: ({ total }) => totalTokens(total),
      cell: ({ total }) => (
        <span title={show.count(totalTokens(total))}>{show.compact(totalTokens(total))}</span>
      ),
    },
    {
      id: 'cost',
      title: strings.cost,
      number: true,
      class: 'cost strong',
      value: ({ total }) => total.costNanoDollars,
      cell: ({ total }) => <Cost total={total} />,
    },
  ];
}
