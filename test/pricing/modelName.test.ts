import assert from 'node:assert/strict';
import { canonicalModelName } from '../../src/pricing/modelName';

describe('canonicalModelName', () => {
  const same: [string, string[]][] = [
    [
      'claude-sonnet-4-5',
      [
        'claude-sonnet-4-5',
        'claude-sonnet-4-5-20250929',
        'claude-sonnet-4-5@20250929',
        'claude-sonnet-4-5[1m]',
        'claude-sonnet-4-5-20250929[1m]',
        'claude-sonnet-4-5-thinking',
        'claude-sonnet-4-5-20250929-thinking',
        'claude-sonnet-4-5-20250929-fast',
        'claude-sonnet-4.5',
        'Claude-Sonnet-4-5',
        ' claude-sonnet-4-5 ',
        'anthropic/claude-sonnet-4-5',
        'anthropic/claude-sonnet-4.5:thinking',
        'openrouter/anthropic/claude-sonnet-4.5',
        'vertex_ai/claude-sonnet-4-5@20250929',
        'anthropic.claude-sonnet-4-5-20250929-v1:0',
        'us.anthropic.claude-sonnet-4-5-20250929-v1:0',
        'eu.anthropic.claude-sonnet-4-5-20250929-v1:0',
        'global.anthropic.claude-sonnet-4-5-20250929-v1:0[1m]',
        'bedrock/us-gov.anthropic.claude-sonnet-4-5-20250929-v1:0',
        'arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.anthropic.claude-sonnet-4-5-20250929-v1:0',
        'claude-4.5-sonnet',
        'claude-4-5-sonnet-20250929',
      ],
    ],
    [
      'claude-sonnet-4',
      [
        'claude-sonnet-4-20250514',
        'claude-sonnet-4-0',
        'claude-4-sonnet-20250514',
        'claude-sonnet-4@20250514',
      ],
    ],
    ['claude-opus-4-6', ['anthropic.claude-opus-4-6-v1', 'claude-opus-4-6-20260205']],
    [
      'claude-3-5-sonnet',
      [
        'claude-3-5-sonnet-latest',
        'claude-3-5-sonnet-20241022',
        'anthropic.claude-3-5-sonnet-20241022-v2:0',
        'claude-3-5-sonnet-v2@20241022',
        'claude-3.5-sonnet',
      ],
    ],
    ['claude-3-7-sonnet', ['claude-sonnet-3.7', 'claude-3-7-sonnet-20250219']],
    ['claude-3-haiku', ['claude-3-haiku-20240307', 'anthropic.claude-3-haiku-20240307-v1:0:48k']],
    ['claude-v2:1', ['anthropic.claude-v2:1']],
    ['gpt-5', ['openai/gpt-5', 'gpt-5-2025-08-07']],
    ['gemini-2.5-pro', ['google/gemini-2.5-pro', 'models/gemini-2.5-pro']],
  ];
  for (const [name, variants] of same) {
    it(`finds ${name} in its wrappers`, () => {
      for (const variant of variants) assert.equal(canonicalModelName(variant).name, name, variant);
    });
  }

  it('tells the date', () => {
    for (const dated of [
      'claude-opus-4-5-20251101',
      'claude-opus-4-5@20251101',
      'claude-opus-4-5-2025-11-01',
    ]) {
      assert.deepEqual(canonicalModelName(dated), { name: 'claude-opus-4-5', date: '20251101' });
    }
    assert.equal(canonicalModelName('claude-opus-4-5').date, null);
    assert.equal(canonicalModelName('claude-opus-4-5-20259901').date, null, 'no such month');
  });

  it('keeps apart what is another model', () => {
    const different = [
      'claude-sonnet-5',
      'claude-sonnet-5-5',
      'claude-opus-5',
      'claude-opus-4-5',
      'claude-opus-4-6',
      'claude-3-opus',
      'kimi-k2',
      'kimi-k2-thinking',
      'gpt-5',
      'gpt-5-chat-latest',
      'gpt-5.1',
      'deepseek-v3',
      'deepseek-r1',
      'meta-llama/llama-3',
      'llama-3',
    ];
    assert.equal(new Set(different.map((name) => canonicalModelName(name).name)).size, different.length);
  });

  it('is done after one go', () => {
    for (const name of same.flatMap(([, variants]) => variants)) {
      const once = canonicalModelName(name).name;
      assert.equal(canonicalModelName(once).name, once);
    }
  });
});
