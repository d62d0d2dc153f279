/** What is asked of a file. */
export interface Wish {
  readonly sheet?: string | undefined;
  readonly maxRows: number;
}

export const maxColumns = 100;

/** No field of ours is as long: what is cut here is refused later as too long. */
export const maxCellLength = 4_001;
