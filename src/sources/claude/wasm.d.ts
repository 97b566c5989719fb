/** A program in WebAssembly, as the build has compiled it (esbuild.mjs). */
declare module '*.wasm' {
  export const program: Uint8Array<ArrayBuffer>;
}
