import { globSync, readFileSync } from 'node:fs';
import { expect, test } from '@jest/globals';
import type { INode } from 'n8n-workflow';

/** The size of a node on n8n's canvas with its name below it; NOTE is the default size of a note. Pixels. */
const NODE = { width: 96, height: 140 };
const NOTE = { width: 240, height: 160 };

interface Box {
	name: string;
	isNote: boolean;
	left: number;
	top: number;
	right: number;
	bottom: number;
}

function boxOf({ name, type, position, parameters }: INode): Box {
	const isNote = type === 'n8n-nodes-base.stickyNote';
	const { width, height } = isNote ? { ...NOTE, ...(parameters as Partial<typeof NOTE>) } : NODE;
	const [left, top] = position;
	return { name, isNote, left, top, right: left + width, bottom: top + height };
}

const overlap = (box: Box, other: Box) =>
	box.left < other.right && other.left < box.right && box.top < other.bottom && other.top < box.bottom;

test.each(globSync('examples/workflows/*.json'))(
	'%s has no note that covers another note or a node.',
	(path) => {
		const { nodes } = JSON.parse(readFileSync(path, 'utf8')) as { nodes: INode[] };
		const boxes = nodes.map(boxOf);
		const notes = boxes.filter(({ isNote }) => isNote);
		const covered = notes.flatMap((note) =>
			boxes.filter((box) => box !== note && overlap(note, box)).map(({ name }) => `${note.name} / ${name}`),
		);
		expect(covered).toEqual([]);
		expect(notes.length).toBeGreaterThan(0);
	},
);

test.each(globSync('examples/workflows/*.json'))('%s has each note in English and Chinese.', (path) => {
	const { nodes } = JSON.parse(readFileSync(path, 'utf8')) as { nodes: INode[] };
	const notes = nodes.filter(({ type }) => type === 'n8n-nodes-base.stickyNote');
	const [chinese, english] = [true, false].map((isChinese) =>
		notes.filter(({ name }) => name.endsWith(' (中文)') === isChinese),
	);
	expect(chinese!.map(({ name }) => name.replace(' (中文)', ''))).toEqual(english!.map(({ name }) => name));
	for (const { parameters } of chinese!) {
		expect(parameters.content).toMatch(/\p{sc=Han}{4,}/u);
	}
});
