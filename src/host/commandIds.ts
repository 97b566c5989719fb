/** Every command of the extension, once. A test compares this list with package.json. */
export const commandIds = {
  showPanel: 'usageLedger.showPanel',
  refresh: 'usageLedger.refresh',
  flush: 'usageLedger.flush',
  export: 'usageLedger.export',
  importLegacy: 'usageLedger.importLegacy',
  copySummary: 'usageLedger.copySummary',
  setLimit: 'usageLedger.setLimit',
  setPrice: 'usageLedger.setPrice',
  rebuild: 'usageLedger.rebuild',
  openSettings: 'usageLedger.openSettings',
  exportProfiles: 'usageLedger.exportProfiles',
  mergeLedger: 'usageLedger.mergeLedger',
  archiveMonth: 'usageLedger.archiveMonth',
  restoreMonth: 'usageLedger.restoreMonth',
  copyMetricsToken: 'usageLedger.copyMetricsToken',
  showHealth: 'usageLedger.showHealth',
  showLog: 'usageLedger.showLog',
} as const;

export const panelViewType = 'usageLedger.panel';
export const summaryViewId = 'usageLedger.summary';
export const tickerId = 'usageLedger.ticker';
