import { expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { requireOutsideJest } from '../invariants/outsideJest.mts';
import { loadTestedNode } from '../support/testedBuild.mts';

interface NodeCatalog {
	NodeTypeParser: new (descriptions: object[]) => object;
	searchCodeBuilderNodes(
		parser: object,
		queries: string[],
	): { results: string; queriesWithNoResults: string[] };
}

const tools = join(import.meta.dirname, '../n8nTools/node_modules');
const catalog = requireOutsideJest(
	join(tools, '@n8n/ai-utilities/dist/cjs/node-catalog/index.js'),
) as NodeCatalog;

const codex = JSON.parse(readFileSync('nodes/TencentCloudIot/TencentCloudIot.node.json', 'utf8')) as object;
const { description } = loadTestedNode().nodeType;
const described = { ...description, name: 'n8n-nodes-tencent-iot.tencentCloudIot', codex };

test.each(['tencent', 'IoT Enablement', 'device binding', '物联使能', '设备绑定', '投保'])(
	"n8n's AI builder finds the node by '%s', with hints for the nodes before and after it",
	(query) => {
		const parser = new catalog.NodeTypeParser([described]);
		const { results, queriesWithNoResults } = catalog.searchCodeBuilderNodes(parser, [query]);
		expect(queriesWithNoResults).toEqual([]);
		expect(results).toContain('@builderHint One item per device');
		expect(results).toContain('n8n-nodes-base.scheduleTrigger');
	},
);
