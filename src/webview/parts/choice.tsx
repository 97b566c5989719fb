interface ChoiceProps<Name extends string> {
  /** Of the radio group: unique on the page. */
  readonly group: string;
  readonly legend: string;
  readonly names: readonly Name[];
  readonly chosen: Name;
  readonly textOf: (name: Name) => string;
  readonly onChoose: (name: Name) => void;
}

/** One of a few, all in sight. */
export function Choice<Name extends string>(props: ChoiceProps<Name>) {
  const { group, legend, names, chosen, textOf, onChoose } = props;
  return (
    <fieldset class="choice">
      <legend class="unseen">{legend}</legend>
      {names.map((name) => (
        <label key={name} class="option">
          <input
            type="radio"
            name={group}
            value={name}
            checked={name === chosen}
            onChange={() => onChoose(name)}
          />
          <span data-text={textOf(name)}>{textOf(name)}</span>
        </label>
      ))}
    </fieldset>
  );
}

/** The same as a native list, for narrow places. */
export function ChoiceList<Name extends string>(props: Omit<ChoiceProps<Name>, 'group'>) {
  const { legend, names, chosen, textOf, onChoose } = props;
  return (
    <select
      class="choiceList"
      aria-label={legend}
      value={chosen}
      onChange={(event) => onChoose(event.currentTarget.value as Name)}
    >
      {names.map((name) => (
        <option key={name} value={name} selected={name === chosen}>
          {textOf(name)}
        </option>
      ))}
    </select>
  );
}
