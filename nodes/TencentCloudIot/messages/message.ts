import { joinSentences } from './words';

/** A text for people in the two languages of the node, e.g. `['2 not sent', '2 个未发送']`. */
export type Message = readonly [english: string, chinese: string];

export const NOTHING: Message = ['', ''];

/** Joins several messages into one line: "2 not sent; 1 unclear". */
export function joined(messages: readonly Message[]): Message {
	return [messages.map(([english]) => english).join('; '), messages.map(([, chinese]) => chinese).join('；')];
}

/** Joins sentences into a text without empty ones and without a period at the end. */
export function inSentences(messages: readonly Message[]): Message {
	const chinese = messages.flatMap(([, text]) => (text === '' ? [] : text.replace(/。$/, '')));
	return [joinSentences(messages.map(([text]) => text)), chinese.join('。')];
}

/**
 * Adds the names of those that a message counts: "2 customers recovered ('a', 'b' and others)".
 * @param total how many there are, including those that are not named
 */
export function withNames(message: Message, ids: readonly string[], total: number): Message {
	if (ids.length === 0) {
		return message;
	}
	const [more, moreZh] = total > ids.length ? [' and others', ' 等'] : NOTHING;
	const names = ids.map((id) => `'${id}'`).join(', ');
	return [`${message[0]} (${names}${more})`, `${message[1]}（${ids.join('、')}${moreZh}）`];
}

/** Fills in the facts of a text such as `{rows} rows`. */
export function filled(text: string, facts: object): string {
	return text.replace(/\{(\w+)\}/g, (_, name: string) => String((facts as Record<string, unknown>)[name]));
}
