import { areWhole, type Line, type Robot, messageFor, toLink } from './robots';
import { ours, type Text, write } from './text';
import { WAITING } from './waiting';

/** The choices of 'Language'. */
type Language = 'both' | 'chinese' | 'english';

/** Lines in the two languages. */
interface Lines {
	english: readonly string[];
	chinese: readonly string[];
}

/** A part of a message: what one run had to tell. */
interface MessagePart extends Lines {
	/** The time of the run, as `timeText` writes it, if an earlier message did not reach the group; else undefined. */
	lateTime?: string | undefined;
}

/** How a message to a group is written. */
interface GroupStyle {
	robot: Robot;
	language: Language;
	/** The workflow's name: it stands in the first line, since a group may hear of several. */
	workflow: string;
	/** The address of the form for an approval, where one is asked for. */
	approvalForm?: string | undefined;
	/** How many earlier messages could not be kept. */
	omitted: number;
}

/** The lines of a message: first the workflow and what is so now, then what was not delivered before. */
function groupLines(parts: readonly MessagePart[], style: GroupStyle): Line[] {
	const { workflow, language, omitted, approvalForm = '' } = style;
	const lines: Line[] = [];
	for (const part of parts) {
		if (part.lateTime !== undefined) {
			lines.push(inLanguage(WAITING.group.notDelivered({ time: ours(part.lateTime) }), language));
		}
		lines.push(...linesIn(part, language));
	}
	const [first = '', ...furtherLines] = lines;
	const named: Line[] = [
		`${workflow}${language === 'english' ? ': ' : '：'}${String(first)}`,
		...furtherLines,
	];
	if (omitted > 0) {
		named.push(inLanguage(WAITING.group.omitted({ count: omitted }), language));
	}
	const link = toLink(approvalForm);
	if (link !== undefined) {
		named.push({ label: inLanguage(WAITING.group.decide(), language), link });
	}
	return named;
}

/** The body to post, e.g. `{"msgtype":"text","text":{"content":"CRM to IoT sync：Sync 失败…"}}`. */
export function writeGroupMessage(parts: readonly MessagePart[], style: GroupStyle): string {
	return messageFor(style.robot, groupLines(parts, style));
}

/** Whether all lines of these parts fit into one message. */
export function fitsMessage(parts: readonly MessagePart[], style: GroupStyle): boolean {
	return areWhole(groupLines(parts, style));
}

function linesIn({ english, chinese }: Lines, language: Language): string[] {
	switch (language) {
		case 'english':
			return [...english];
		case 'chinese':
			return [...chinese];
		case 'both':
			return [...chinese, ...english];
	}
}

function inLanguage(text: Text, language: Language): string {
	const [english, chinese] = write(text, 'everything');
	return linesIn({ english: [english], chinese: [chinese] }, language).join(' / ');
}
