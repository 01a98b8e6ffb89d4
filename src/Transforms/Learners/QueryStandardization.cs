namespace MLNetMeta.Transforms.Learners;

/// <summary>What a learner file says about the standardisation (x − mean) / scale at the entrance of its forward graph.</summary>
/// <param name="Mean">Name of the initializer of the means, one for each feature.</param>
/// <param name="Scale">Name of the initializer of the scales, one for each feature.</param>
/// <param name="Result">Name of the value that holds the standardised query features.</param>
internal sealed record QueryStandardization(string Mean, string Scale, string Result);
