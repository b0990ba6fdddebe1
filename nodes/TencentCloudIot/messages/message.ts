import { joinSentences, quoted } from './words';

/** A text for people in the two languages of the node, e.g. `['2 not sent', '2 个未发送']`. */
export type Message = readonly [english: string, chinese: string];

export const NOTHING: Message = ['', ''];

/** Several in one line, and one sentence after the other. */
export function joined(messages: readonly Message[]): Message {
	return [messages.map(([one]) => one).join('; '), messages.map(([, one]) => one).join('；')];
}

/** Customers by name: "Changed: 'a', 'b' and 'c'". */
export function named([what, whatZh]: Message, ids: readonly string[]): Message {
	return ids.length === 0 ? NOTHING : [`${what}: ${quoted(ids)}`, `${whatZh}：${ids.join('、')}`];
}

/** Sentences one after the other, without empty ones and without a period behind the last. */
export function inSentences(messages: readonly Message[]): Message {
	const chinese = messages.flatMap(([, text]) => (text === '' ? [] : text.replace(/。$/, '')));
	return [joinSentences(messages.map(([text]) => text)), chinese.join('。')];
}

/** The same with whom it is about: "2 customers recovered ('a', 'b' and others)". @param total how many there are, also such as are not named */
export function withNames(said: Message, ids: readonly string[], total: number): Message {
	if (ids.length === 0) {
		return said;
	}
	const [more, moreZh] = total > ids.length ? [' and others', ' 等'] : NOTHING;
	const names = ids.map((id) => `'${id}'`).join(', ');
	return [`${said[0]} (${names}${more})`, `${said[1]}（${ids.join('、')}${moreZh}）`];
}

/** A text with its facts: `{rows} rows`. */
export function filled(text: string, facts: object): string {
	return text.replace(/\{(\w+)\}/g, (_, name: string) => String((facts as Record<string, unknown>)[name]));
}
