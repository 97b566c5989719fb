// Takes the place of @vscode/fs-copyfile in the provisioned VS Code (its Git support copies files): without the
// compiled part, which only makes copies cheaper on file systems that can share blocks.
const { constants, copyFileSync } = require('node:fs');
const { copyFile, cp } = require('node:fs/promises');

module.exports = { constants, copyFile, copyFileSync, cp, isCloneSupported: () => false };
