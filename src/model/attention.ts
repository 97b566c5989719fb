/** Whether somebody looks at a window just now. */
export interface Attention {
  readonly windowId: string;
  readonly focused: boolean;
  readonly panelShown: boolean;
}
