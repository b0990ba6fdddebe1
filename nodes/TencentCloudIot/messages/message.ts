/** A text for people in the two languages of the node, e.g. `['2 not sent', '2 个未发送']`. */
export type Message = readonly [english: string, chinese: string];

/** Lines of a message in the two languages, e.g. `{ english: ['Sync is failing: …'], chinese: ['Sync 失败：…'] }`. */
export interface Lines {
	english: readonly string[];
	chinese: readonly string[];
}
