import type { Lines } from './message';
import { type Robot, RobotMessage } from './robots';
import { ours, type Text, write } from './text';
import { WAITING } from './waiting';

/** The choices of the option 'Language'. */
type Language = 'both' | 'chinese' | 'english';

/** What one run reports. A message has a part for each run: the present one, and earlier ones whose own messages were not delivered. */
interface MessagePart extends Lines {
	/** For a run whose own message did not reach the group: the time of the run, as `timeText` writes it. */
	earlierRunTime?: string | undefined;
}

/** How a message to a group is written. */
interface GroupStyle {
	robot: Robot;
	language: Language;
	/** The workflow's name. It is in the first line, because several workflows may write to the same group. */
	workflow: string;
	/** The address of the approval form, if a plan waits for a decision. */
	approvalForm?: string | undefined;
	/** How many earlier messages were dropped because there was no room to keep them. */
	omittedCount: number;
}

/** Makes a message to a group: the workflow and its present state first, then what earlier messages did not deliver. */
export function makeGroupMessage(parts: readonly MessagePart[], style: GroupStyle): RobotMessage {
	const { robot, workflow, language, omittedCount, approvalForm = '' } = style;
	const lines: string[] = [];
	for (const part of parts) {
		if (part.earlierRunTime !== undefined) {
			lines.push(inLanguage(WAITING.group.notDelivered({ time: ours(part.earlierRunTime) }), language));
		}
		lines.push(...linesIn(part, language));
	}
	const [first = '', ...furtherLines] = lines;
	const message = new RobotMessage(robot);
	message.add(`${workflow}${language === 'english' ? ': ' : '：'}${first}`);
	for (const line of furtherLines) {
		message.add(line);
	}
	if (omittedCount > 0) {
		message.add(inLanguage(WAITING.group.omitted({ count: omittedCount }), language));
	}
	message.addLink(inLanguage(WAITING.group.decide(), language), approvalForm);
	return message;
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
