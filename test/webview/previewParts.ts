import { panelStrings } from '../../src/host/panelStrings';
import { plainL10n } from '../host/plainL10n';

export { panelPage } from '../../src/host/panelPage';
export { scenarios } from './scenarios';
export const strings = panelStrings(plainL10n);
