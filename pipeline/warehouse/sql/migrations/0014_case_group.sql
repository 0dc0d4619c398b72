-- A case declares the group within which its comparisons are counted; of what was measured before, it is given here.
alter table core.bench_variant add column case_group varchar;
update core.bench_variant set case_group = 'small models'
where size = 'small' and case_name in (
    'mlp_inference', 'mlp_training', 'cnn_inference', 'cnn_training', 'transformer_inference', 'transformer_training'
);
update core.bench_variant set case_group = 'CPU maths'
where case_name in (
    'matmul', 'convolution', 'elementwise', 'softmax', 'layer_norm', 'attention', 'embedding', 'lstm'
);
update core.bench_variant set case_group = 'ResNet-50 inference' where case_name = 'resnet50_inference';
