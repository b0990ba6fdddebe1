/** A text for people in the two languages of the node, e.g. `['2 not sent', '2 个未发送']`. */
export type Message = readonly [english: string, chinese: string];
