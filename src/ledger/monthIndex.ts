import { deserialize, serialize } from 'node:v8';
import { crc32 } from 'node:zlib';
import { measureNames } from '../model/measures';
import { type CostState, dimensionNames } from '../model/usageRecord';
import { MonthCube, type RollupColumns } from './cube';
import type { Interning } from './interning';
import type { KeyHash, MonthNumber } from './keyIndex';

/** Everything of a month that a start needs: it is derived from the month and may vanish at any time. */
export interface MonthIndex {
  /** Of the month file that it describes. */
  readonly generation: number;
  readonly cube: MonthCube;
  readonly hashes: ArrayLike<KeyHash>;
  readonly costStates: readonly CostState[];
}

interface StoredIndex {
  readonly format: string;
  readonly generation: number;
  readonly month: MonthNumber;
  readonly dimensions: readonly (readonly string[])[];
  readonly quarters: Uint16Array<ArrayBuffer>;
  readonly sets: Uint32Array<ArrayBuffer>;
  readonly values: Float64Array<ArrayBuffer>;
  readonly hashes: Float64Array;
  readonly costStates: readonly CostState[];
}

/** Changes whenever what is stored would be read wrongly by the version before. */
const format = `1:${dimensionNames.join()}:${measureNames.join()}`;
const checksumBytes = 4;

export function encodeMonthIndex(
  month: MonthNumber,
  generation: number,
  columns: RollupColumns,
  hashes: Float64Array,
  costStates: readonly CostState[],
): Uint8Array {
  const { quarters, sets, values } = columns;
  const stored: StoredIndex = {
    format,
    generation,
    month,
    dimensions: columns.dimensions.map((set) => dimensionNames.map((name) => set[name])),
    quarters,
    sets,
    values,
    hashes,
    costStates,
  };
  const body = serialize(stored);
  const bytes = Buffer.alloc(checksumBytes + body.length);
  bytes.writeUInt32BE(crc32(body));
  body.copy(bytes, checksumBytes);
  return bytes;
}

/** null if the bytes are damaged, of another format, or describe another generation: then the month itself is read. */
export function decodeMonthIndex(
  bytes: Uint8Array,
  month: MonthNumber,
  generation: number,
  interning: Interning,
): MonthIndex | null {
  if (bytes.length <= checksumBytes) return null;
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const body = buffer.subarray(checksumBytes);
  if (crc32(body) !== buffer.readUInt32BE()) return null;
  let stored: StoredIndex;
  try {
    stored = deserialize(body) as StoredIndex;
  } catch {
    // Written by a Node with another serialization: as good as absent.
    return null;
  }
  if (stored.format !== format || stored.month !== month || stored.generation !== generation) return null;
  const dimensions = stored.dimensions.map((texts) => {
    const [model, provider, project, branch, source, user, host] = texts as [
      string,
      string,
      string,
      string,
      string,
      string,
      string,
    ];
    return interning.dimensions({ model, provider, project, branch, source, user, host });
  });
  const { quarters, sets, values, hashes, costStates } = stored;
  return {
    generation,
    cube: MonthCube.from(month, { dimensions, quarters, sets, values }),
    hashes,
    costStates,
  };
}
