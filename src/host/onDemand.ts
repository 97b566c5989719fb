// What is needed only when somebody asks for it: a bundle of its own, so that no window waits for it to be read.
export { runExport } from './exportCommand';
export { exportProfiles } from './exportProfiles';
export { healthText } from './healthText';
export { runImport } from './importCommand';
export { archiveMonth, mergeLedger, restoreMonth } from './ledgerFiles';
export { setLimit } from './limitCommand';
export { setPrice } from './priceCommand';
export { rebuildLedger } from './rebuildCommand';
export { summaryText } from './summaryText';
