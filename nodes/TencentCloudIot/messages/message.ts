/** A text for people in the two languages of the node, e.g. `['2 refused', '2 个被拒绝']`. */
export type Message = readonly [english: string, chinese: string];

export const NOTHING: Message = ['', ''];
