import assert from 'node:assert/strict';
import { addMeasures, measureNames, noMeasures, readMeasures } from '../../src/model/measures';

describe('measures', () => {
  const list = measureNames.map((_name, index) => 3 ** index);

  it('are read from a list in the order of their names, each of them', () => {
    const measures = noMeasures();
    readMeasures([7, ...list], 1, measures);
    assert.deepEqual(
      Object.entries(measures),
      measureNames.map((name, index) => [name, list[index]]),
    );
  });

  it('are added and taken away, each of them', () => {
    const [sum, part] = [noMeasures(), noMeasures()];
    readMeasures(list, 0, part);
    addMeasures(sum, part);
    addMeasures(sum, part);
    assert.deepEqual(
      Object.values(sum),
      list.map((value) => value * 2),
    );
    addMeasures(sum, part, -1);
    assert.deepEqual(sum, part);
  });
});
