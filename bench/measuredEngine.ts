// The engine as it ships, with an ear of its own for a bench that asks what it holds in memory.
import { createRequire } from 'node:module';
import { resolve } from 'node:path';
import { answerMeasurements } from './memoryInUse';

answerMeasurements();
createRequire(__filename)(resolve('dist', 'engine.js'));
