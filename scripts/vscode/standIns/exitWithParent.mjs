// Loaded into the server with --import: it ends when whoever started it has gone, even if that was killed at once.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) process.exit(0);
}, 1000).unref();
