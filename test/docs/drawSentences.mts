/**
 * `node test/docs/drawSentences.mts 4711 [40]`: draws sentences that users read, with a seed, for a reviewer who reads each
 * once and decides whether it needs a second reading. From the pages in both languages, the notes on the canvases, and the texts
 * of the panel and the messages.
 */
import { globSync, readFileSync } from 'node:fs';
import ts from 'typescript';
import { Dice } from '../invariants/dice.mts';

/** A text that users read, and where it is. */
interface Sentence {
	readonly path: string;
	readonly text: string;
}

/** Shorter texts are labels. */
const FEWEST_WORDS = 6;
const FEWEST_HAN = 10;

function sentencesOfPage(path: string, page = readFileSync(path, 'utf8')): Sentence[] {
	const prose = page.replaceAll(/```[^`]*```/g, '').split('\n');
	const parts = prose
		.filter((line) => !/^(#|!\[|\|?[\s:|-]*$)/.test(line))
		.flatMap((line) =>
			line.startsWith('|') ? line.split('|') : [line.replace(/^\s*(?:[-*]|\d+\.)\s+/, '')],
		);
	return parts
		.flatMap((part) => part.split(/(?<=[.!?])\s+(?=[\p{Lu}_*`[])|(?<=[。！？])/u))
		.map((text) => ({ path, text: text.trim() }));
}

function sentencesOfNotes(path: string): Sentence[] {
	const { nodes } = JSON.parse(readFileSync(path, 'utf8')) as {
		nodes: ReadonlyArray<{ parameters: { content?: string } }>;
	};
	return nodes.flatMap(({ parameters: { content = '' } }) => sentencesOfPage(path, content));
}

function sentencesOfCode(path: string): Sentence[] {
	const sentences: Sentence[] = [];
	const visit = (node: ts.Node): void => {
		if (ts.isStringLiteral(node) || ts.isNoSubstitutionTemplateLiteral(node)) {
			sentences.push({ path, text: node.text });
		}
		ts.forEachChild(node, visit);
	};
	visit(ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true));
	return sentences;
}

function isSentence({ text }: Sentence): boolean {
	const han = text.match(/\p{sc=Han}/gu)?.length ?? 0;
	return han >= FEWEST_HAN || text.split(/\s+/).filter((word) => /\p{L}/u.test(word)).length >= FEWEST_WORDS;
}

const [seed = '1', count = '40'] = process.argv.slice(2);
const pages = globSync('{README,SECURITY,CONTRIBUTING,CHANGELOG}.md').concat(globSync('docs/*.md')).sort();
const sentences = [
	...pages.flatMap((path) => sentencesOfPage(path)),
	...globSync('examples/workflows/*.json').sort().flatMap(sentencesOfNotes),
	...globSync('{nodes,credentials}/**/*.ts').sort().flatMap(sentencesOfCode),
].filter(isSentence);
const dice = new Dice(Number(seed));
process.stdout.write(`${count} of ${sentences.length} sentences, seed ${seed}\n`);
for (let drawn = 1; drawn <= Number(count); drawn++) {
	const [sentence] = sentences.splice(dice.integer(0, sentences.length - 1), 1);
	process.stdout.write(`${drawn}. ${sentence?.path}: ${sentence?.text}\n`);
}
