// Takes the place of @vscode/spdlog in the provisioned VS Code: the same log files, written in plain JavaScript.
// The original must be compiled, which takes longer than all the rest and needs a C++ compiler.
const { appendFileSync, mkdirSync, renameSync, statSync } = require('node:fs');
const { dirname } = require('node:path');

const names = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];

class Logger {
  constructor(kind, name, filename, filesize, filecount) {
    Object.assign(this, { kind, name, filename, filesize, filecount, level: 2, bare: false });
    mkdirSync(dirname(filename), { recursive: true });
    appendFileSync(filename, '');
  }

  write(level, message) {
    if (level < this.level || level >= 6) return;
    const time = new Date().toISOString().replace('T', ' ').slice(0, -1);
    const line = this.bare ? message : `${time} [${names[level]}] ${message}\n`;
    try {
      appendFileSync(this.filename, line);
      if (this.filecount > 1 && statSync(this.filename).size > this.filesize) {
        renameSync(this.filename, this.filename.replace(/(\.[^.]*)?$/, '.1$1'));
      }
    } catch {
      // A log that cannot be written must not take VS Code down; the original stays silent as well.
    }
  }

  trace(message) {
    this.write(0, message);
  }
  debug(message) {
    this.write(1, message);
  }
  info(message) {
    this.write(2, message);
  }
  warn(message) {
    this.write(3, message);
  }
  error(message) {
    this.write(4, message);
  }
  critical(message) {
    this.write(5, message);
  }
  getLevel() {
    return this.level;
  }
  setLevel(level) {
    this.level = level;
  }
  setPattern() {}
  clearFormatters() {
    this.bare = true;
  }
  flush() {}
  drop() {}
}

exports.version = 1;
exports.Logger = Logger;
exports.LogLevel = { Trace: 0, Debug: 1, Info: 2, Warning: 3, Error: 4, Critical: 5, Off: 6 };
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.createRotatingLogger = (...args) => Promise.resolve(new Logger('rotating', ...args));
exports.createAsyncRotatingLogger = (...args) => Promise.resolve(new Logger('rotating_async', ...args));
