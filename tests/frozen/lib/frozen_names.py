"""More names than most programs bring: they are looked up while the image is compiled."""

(
    ash_bark, ash_bud, ash_cone, ash_crown, ash_leaf, ash_needle, ash_nut, ash_resin,
    ash_ring, ash_root, ash_sap, ash_seed, ash_shade, ash_stem, ash_twig, ash_wood,
) = range(16)
(
    beech_bark, beech_bud, beech_cone, beech_crown, beech_leaf, beech_needle, beech_nut, beech_resin,
    beech_ring, beech_root, beech_sap, beech_seed, beech_shade, beech_stem, beech_twig, beech_wood,
) = range(16)
(
    birch_bark, birch_bud, birch_cone, birch_crown, birch_leaf, birch_needle, birch_nut, birch_resin,
    birch_ring, birch_root, birch_sap, birch_seed, birch_shade, birch_stem, birch_twig, birch_wood,
) = range(16)
(
    cedar_bark, cedar_bud, cedar_cone, cedar_crown, cedar_leaf, cedar_needle, cedar_nut, cedar_resin,
    cedar_ring, cedar_root, cedar_sap, cedar_seed, cedar_shade, cedar_stem, cedar_twig, cedar_wood,
) = range(16)
(
    elm_bark, elm_bud, elm_cone, elm_crown, elm_leaf, elm_needle, elm_nut, elm_resin,
    elm_ring, elm_root, elm_sap, elm_seed, elm_shade, elm_stem, elm_twig, elm_wood,
) = range(16)
(
    fir_bark, fir_bud, fir_cone, fir_crown, fir_leaf, fir_needle, fir_nut, fir_resin,
    fir_ring, fir_root, fir_sap, fir_seed, fir_shade, fir_stem, fir_twig, fir_wood,
) = range(16)
(
    larch_bark, larch_bud, larch_cone, larch_crown, larch_leaf, larch_needle, larch_nut, larch_resin,
    larch_ring, larch_root, larch_sap, larch_seed, larch_shade, larch_stem, larch_twig, larch_wood,
) = range(16)
(
    lime_bark, lime_bud, lime_cone, lime_crown, lime_leaf, lime_needle, lime_nut, lime_resin,
    lime_ring, lime_root, lime_sap, lime_seed, lime_shade, lime_stem, lime_twig, lime_wood,
) = range(16)
(
    maple_bark, maple_bud, maple_cone, maple_crown, maple_leaf, maple_needle, maple_nut, maple_resin,
    maple_ring, maple_root, maple_sap, maple_seed, maple_shade, maple_stem, maple_twig, maple_wood,
) = range(16)
(
    oak_bark, oak_bud, oak_cone, oak_crown, oak_leaf, oak_needle, oak_nut, oak_resin,
    oak_ring, oak_root, oak_sap, oak_seed, oak_shade, oak_stem, oak_twig, oak_wood,
) = range(16)
(
    pine_bark, pine_bud, pine_cone, pine_crown, pine_leaf, pine_needle, pine_nut, pine_resin,
    pine_ring, pine_root, pine_sap, pine_seed, pine_shade, pine_stem, pine_twig, pine_wood,
) = range(16)
(
    poplar_bark, poplar_bud, poplar_cone, poplar_crown, poplar_leaf, poplar_needle, poplar_nut, poplar_resin,
    poplar_ring, poplar_root, poplar_sap, poplar_seed, poplar_shade, poplar_stem, poplar_twig, poplar_wood,
) = range(16)
(
    rowan_bark, rowan_bud, rowan_cone, rowan_crown, rowan_leaf, rowan_needle, rowan_nut, rowan_resin,
    rowan_ring, rowan_root, rowan_sap, rowan_seed, rowan_shade, rowan_stem, rowan_twig, rowan_wood,
) = range(16)
(
    spruce_bark, spruce_bud, spruce_cone, spruce_crown, spruce_leaf, spruce_needle, spruce_nut, spruce_resin,
    spruce_ring, spruce_root, spruce_sap, spruce_seed, spruce_shade, spruce_stem, spruce_twig, spruce_wood,
) = range(16)
(
    willow_bark, willow_bud, willow_cone, willow_crown, willow_leaf, willow_needle, willow_nut, willow_resin,
    willow_ring, willow_root, willow_sap, willow_seed, willow_shade, willow_stem, willow_twig, willow_wood,
) = range(16)
(
    yew_bark, yew_bud, yew_cone, yew_crown, yew_leaf, yew_needle, yew_nut, yew_resin,
    yew_ring, yew_root, yew_sap, yew_seed, yew_shade, yew_stem, yew_twig, yew_wood,
) = range(16)
