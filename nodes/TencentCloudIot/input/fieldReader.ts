import type { INodeProperties } from 'n8n-workflow';

import { readPath } from './fieldSource';
import type { Finding } from './finding';
import type { ItemReader } from './itemReader';
import type { CheckedText } from './text';

/** The node's fields by their path, e.g. `filters.startTime`. */
export type FieldsByPath = ReadonlyMap<
	string,
	Pick<INodeProperties, 'displayName' | 'options' | 'noDataExpression'> & { type?: string }
>;

/** Reads fields of the node for one item as they are, and puts down what is wrong with them. */
export class FieldReader {
	readonly findings: Finding[] = [];
	protected readonly itemIndex: number;
	protected readonly reader: ItemReader;
	protected readonly fields: FieldsByPath;
	/** Where the fields stand, with a dot at the end: empty for those of the node itself. */
	protected readonly within: string;

	constructor(reader: ItemReader, itemIndex: number, fields: FieldsByPath, within = '') {
		this.reader = reader;
		this.itemIndex = itemIndex;
		this.fields = fields;
		this.within = within;
	}

	/** A field's value as a check sees it. */
	check<Checked extends Pick<CheckedText, 'finding'>>(
		path: string,
		check: (value: unknown) => Checked,
	): Checked {
		const checked = check(this.read(path));
		if (checked.finding !== undefined) this.refuse(path, checked.finding);
		return checked;
	}

	protected isBlank(path: string): boolean {
		const value = this.read(path);
		return value === undefined || value === null || (typeof value === 'string' && value.trim() === '');
	}

	protected read(path: string): unknown {
		const [parameter = '', ...members] = path.split('.');
		const field = this.fields.get(this.within + path);
		// A resource mapper is no expression itself, but has them inside.
		const isFixed = field?.noDataExpression === true && field.type !== 'resourceMapper';
		try {
			const value = isFixed ? this.reader.stored(parameter) : this.reader.read(parameter, this.itemIndex);
			return readPath([value], ['0', ...members]);
		} catch (cause) {
			this.refuse(path, `could not be evaluated: ${cause instanceof Error ? cause.message : String(cause)}`);
			return undefined;
		}
	}

	/**
	 * Puts down why a field cannot be used. The first thing found about it is the cause of what is found after it.
	 * @param text in words that follow its label
	 */
	refuse(path: string, text: string): void {
		const field = this.fields.get(this.within + path)?.displayName ?? path;
		if (this.findings.some((known) => known.field === field)) return;
		this.findings.push({ itemIndex: this.itemIndex, field, text });
	}
}
